"""Who may come in: nobody who has not said the password reaches anything but the form for it."""
