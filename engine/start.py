"""Starts Rasa: `python -m engine.start run …` is `rasa run …` with two things put right.

Rasa checks every answer of the action server against a JSON schema, and each time checks the schema itself first:
half of the time of a turn. Here the schema is checked once, when the engine starts; each answer is still validated.

Rasa's log lines carry what the patient said when something fails. Here they keep only what happened and where.
"""

from typing import Any, Dict, Text

from jsonschema import validators
from rasa.__main__ import main
from rasa.core.actions.action import RemoteAction
from rasa.utils import log_utils

SCHEMA = RemoteAction.action_response_format_spec()
VALIDATOR_CLASS = validators.validator_for(SCHEMA)
VALIDATOR_CLASS.check_schema(SCHEMA)
VALIDATOR = VALIDATOR_CLASS(SCHEMA)
LOGGED = {"event", "event_info", "exc_info", "level", "stack_info"}


def _validate_action_result(self: RemoteAction, result: Dict[Text, Any]) -> bool:
    """Raise a jsonschema error when an answer of the action server is malformed."""
    VALIDATOR.validate(result)
    return True


def _without_words(logger: Any, method: Text, event: Dict[Text, Any]) -> Dict[Text, Any]:
    """The log event without anything that may hold a patient's words."""
    return {key: value for key, value in event.items() if key in LOGGED}


RemoteAction._validate_action_result = _validate_action_result
log_utils._anonymizer = _without_words

if __name__ == "__main__":
    main()
