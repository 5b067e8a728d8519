"""How requests and answers travel: forms, parameters, routes, errors, expansion, paging, idempotency."""
