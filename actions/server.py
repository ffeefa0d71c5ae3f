"""The action server: rasa-sdk's own application in one process, on loopback only."""

from rasa_sdk.endpoint import create_app
from rasa_sdk.executor import ActionExecutor

from stipple.settings import get_settings


def main() -> None:
    """Serve all actions of this package on the action port."""
    executor = ActionExecutor()
    executor.register_package("actions")
    app = create_app(executor)
    app.run(host="127.0.0.1", port=get_settings().action_port, single_process=True, access_log=False, motd=False)


if __name__ == "__main__":
    main()
