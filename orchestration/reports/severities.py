"""What a rule's severity means to the provider whose return fails it."""

SEVERITY = {"reject": "Rejects the return", "error": "Error", "warning": "Warning", "info": "Note"}
DOES = {
    "reject": "the whole return is set aside",
    "error": "these rows are left out",
    "warning": "these rows count; please look at them",
    "info": "these rows count; this is for your information",
}
