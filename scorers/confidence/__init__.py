"""How far a verdict can be trusted: the table, its fit, and the verdicts that quote it."""
