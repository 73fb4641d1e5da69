"""What a rule's severity means to the provider whose return fails it."""

SEVERITY = {"reject": "Rejects the return", "error": "Error", "warning": "Warning", "info": "Note"}
DOES = {
    "reject": "the whole return is set aside",
    "error": "a row with this failure is left out",
    "warning": "it counts; please look at it",
    "info": "it counts; this is for your information",
}
