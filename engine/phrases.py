"""The importer that spares Rasa the training phrases.

Rasa's own reader takes over a minute for forty thousand phrases: it parses each file five times in pure Python, then
copies and hashes every phrase again and again. So it is told of one phrase for each label, enough to know the intents,
and the component that learns reads the phrases itself.
"""

from pathlib import Path
from typing import List, Optional, Text, Union

from rasa.shared.importers.rasa import RasaFileImporter
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from stipple.phrases import read_phrases

# The working folder is the project's.
FOLDER, ASKING_FOLDER, EXCHANGES_FOLDER = Path("data", "nlu"), Path("data", "questions"), Path("data", "exchanges")


class PhraseImporter(RasaFileImporter):
    """Rules as Rasa reads them, and of the phrases the first of each label."""

    def __init__(
        self,
        config_file: Optional[Text] = None,
        domain_path: Optional[Text] = None,
        training_data_paths: Optional[Union[List[Text], Text]] = None,
    ) -> None:
        paths = [training_data_paths] if isinstance(training_data_paths, str) else training_data_paths or []
        super().__init__(config_file, domain_path, [p for p in paths if Path(p).name != FOLDER.name])

    def get_nlu_data(self, language: Optional[Text] = "en") -> TrainingData:
        """One phrase of each label."""
        firsts = {phrase.label: phrase.text for phrase in reversed(read_phrases(FOLDER))}
        return TrainingData([Message.build(text, label.split("/")[0]) for label, text in firsts.items()])
