"""Rasa's intent classifier of Pronto: the n-gram model of bot/understand, with the open question as context."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.nlu.constants import ENTITIES, INTENT, INTENT_RANKING_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.components.context import read_proposal, read_question
from bot.extract.found import Found
from bot.understand.decide import FALLBACK, Limits, Understood, classify_text
from bot.understand.lookup import build_lookup
from bot.understand.model import STRICTNESS, IntentModel, train_model
from bot.understand.parts import choose_leading, find_parts

RANKED = 10  # that many intents are kept with each message
PROPOSAL = "proposal"  # stands for the open question when only a yes or no is awaited


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class IntentClassifier(GraphComponent):
    """Sets intent and ranking; `nlu_fallback` where it is unsure or the words are not ours."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {"C": STRICTNESS, "answers": {}, "beside": {}, "limits": {}}

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> IntentClassifier:
        return cls(config, model_storage, resource)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> IntentClassifier:
        classifier = cls(config, model_storage, resource)
        with model_storage.read_from(resource) as directory:
            classifier.model = IntentModel.load(directory)
        return classifier

    def __init__(self, config: dict[str, Any], model_storage: ModelStorage, resource: Resource) -> None:
        self.strictness = float(config["C"])
        self.answers: dict[str, list[str]] = config["answers"]
        self.beside: dict[str, list[str]] = config["beside"]
        self.limits = Limits(**config["limits"])
        self.model: IntentModel | None = None
        self._storage, self._resource = model_storage, resource

    def train(self, training_data: TrainingData) -> Resource:
        lines = [(one.get(TEXT), one.get(INTENT)) for one in training_data.intent_examples if one.get(TEXT)]
        self.model = train_model(lines, build_lookup(training_data.lookup_tables), self.strictness)
        with self._storage.write_to(self._resource) as directory:
            self.model.save(directory)
        return self._resource

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        return training_data

    def process(self, messages: list[Message], tracker: DialogueStateTracker | None = None) -> list[Message]:
        slot = read_question(tracker).slot or (PROPOSAL if read_proposal(tracker) else None)
        for message in messages:
            self._classify(message, slot)
        return messages

    def _classify(self, message: Message, slot: str | None) -> None:
        """Sets intent and ranking; parts where the message holds several, nearest where two readings stay close."""
        text = message.get(TEXT) or ""
        understood = Understood(((FALLBACK, 1.0),))
        if self.model is not None and text.strip():
            found = [Found(e["entity"], e["value"], e["start"], e["end"]) for e in message.get(ENTITIES, [])]
            understood = self._read(text, found, slot)
            answered = any(one.entity == slot for one in found)
            parts = find_parts(
                text,
                found,
                lambda clause, inside: self._read(clause, inside, slot if inside or not answered else None).ranking[0],
            )
            leading = choose_leading(parts, understood.intent)
            if leading in {part.intent for part in parts}:
                message.set("parts", [part.__dict__ for part in parts], add_to_output=True)
                understood = understood.lead(leading)
        ranked = [{"name": name, "confidence": confidence} for name, confidence in understood.ranking[:RANKED]]
        message.set(INTENT, ranked[0], add_to_output=True)
        message.set(INTENT_RANKING_KEY, ranked, add_to_output=True)
        message.set("known", understood.known, add_to_output=True)
        message.set("nearest", understood.list_nearest(self.limits), add_to_output=True)

    def _read(self, text: str, found: Sequence[Found], slot: str | None) -> Understood:
        assert self.model is not None  # noqa: S101  (the caller looked)
        answers, beside = self.answers.get(slot or "", []), self.beside.get(slot or "", [])
        return classify_text(self.model, text, found, answers, slot, self.limits, beside)
