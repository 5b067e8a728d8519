"""How mail leaves: handed over in the background, by the host's callable or by SMTP. What it says stands in
`view_models/letters.py`, how it looks in `templates/mail/`.
"""
