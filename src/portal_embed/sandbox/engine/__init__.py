"""The billing engine: what Stripe does with money and time, apart from how requests travel.

Read in this order, for each module imports only those before it:

- `money`, `periods`, `wording`, `discounts`, `taxes`, `proration`: what is billed and credited;
- `bodies` and `agenda`: the shapes of objects, and what is due when;
- `invoicing`, `charging`, `pending`, `settling`: lines and totals, payment intents, and what a payment changes;
- `lifecycle`, `repricing`, `changes`, `schedules`: a subscription, what a change costs and how it is paid;
- `clock`: what time does by itself.
"""
