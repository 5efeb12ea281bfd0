"""Forms of answers that are no formula: units, dates, phrases; and what the question asks for."""
