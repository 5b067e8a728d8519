"""The billing engine: what Stripe does with money and time, apart from how requests travel.

Read in this order, for each module imports only those before it:

- `money`, `periods`, `pricing`, `wording`, `discounts`, `places`, `taxes`, `proration`: what is billed and credited;
- `bodies` and `agenda`: the shapes of objects, and what is due when;
- `totals`, `uninvoiced`, `invoicing`, `usage`: lines and totals of invoices, what waits for them, what meters counted;
- `charging`, `dunning`, `pending`, `stored`, `settling`: payment intents, retries, and what a payment changes;
- `lifecycle`, `change`, `repricing`, `changes`, `ending`: a subscription, what a change costs, how it is paid, the end;
- `pausing`, `schedules`, `phases`, `refunding`: pauses, plans for later, money on its way back;
- `clock`: what time does by itself.
"""
