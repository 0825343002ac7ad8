"""An application of Django's: what is in its database? `with_django.py` runs it."""
