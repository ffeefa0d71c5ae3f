"""Starts Rasa: `python -m engine.start run …` is `rasa run …` with one measured cost taken out.

Rasa checks every answer of the action server against a JSON schema, and each time checks the schema itself first:
half of the time of a turn. Here the schema is checked once, when the engine starts; each answer is still validated.
"""

from typing import Any, Dict, Text

from jsonschema import validators
from rasa.__main__ import main
from rasa.core.actions.action import RemoteAction

SCHEMA = RemoteAction.action_response_format_spec()
VALIDATOR_CLASS = validators.validator_for(SCHEMA)
VALIDATOR_CLASS.check_schema(SCHEMA)
VALIDATOR = VALIDATOR_CLASS(SCHEMA)


def _validate_action_result(self: RemoteAction, result: Dict[Text, Any]) -> bool:
    """Raise a jsonschema error when an answer of the action server is malformed."""
    VALIDATOR.validate(result)
    return True


RemoteAction._validate_action_result = _validate_action_result

if __name__ == "__main__":
    main()
