"""`harmo bench`: load of a trainer's kind on a service, and what it makes of it."""
