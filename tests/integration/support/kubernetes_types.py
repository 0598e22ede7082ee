"""Compares objects of Kubernetes with the published types. They come from Debian's python3-kubernetes, whose models are generated
from the OpenAPI description of Kubernetes 1.22: which keys an object has, of which type they are, and which must be there."""

import re

import yaml
from kubernetes import client

MODELS = {
    ("v1", "Namespace"): "V1Namespace",
    ("v1", "Service"): "V1Service",
    ("apps/v1", "StatefulSet"): "V1StatefulSet",
    ("apps/v1", "Deployment"): "V1Deployment",
    ("policy/v1", "PodDisruptionBudget"): "V1PodDisruptionBudget",
}
PLAIN = {"str": str, "int": int, "bool": bool, "float": float}


class Loader(yaml.SafeLoader):
    """Refuses a key that is there twice, of which YAML would take the last one in silence."""

    def construct_mapping(self, node, deep=False):
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        twice = {key for key in keys if keys.count(key) > 1}
        assert not twice, f"{node.start_mark}: twice: {twice}"
        return super().construct_mapping(node, deep)


def read(path):
    """All documents of a file."""
    return [document for document in yaml.load_all(path.read_text(), Loader) if document is not None]


def mistakes(document):
    """One sentence for each difference from the type that the document says it is."""
    model = MODELS.get((document.get("apiVersion"), document.get("kind")))
    if model is None:
        return [f"no type is {document.get('apiVersion')} {document.get('kind')}"]
    return list(differences(document, model, document["kind"]))


def differences(value, kind, path):
    if found := re.fullmatch(r"list\[(.*)\]", kind):
        yield from of_list(value, found[1], path)
    elif found := re.fullmatch(r"dict\(str, (.*)\)", kind):
        yield from of_map(value, found[1], path)
    elif kind in PLAIN:
        if type(value) is not PLAIN[kind]:
            yield f"{path}: {value!r} is not a {kind}"
    elif hasattr(client, kind):
        yield from of_model(value, getattr(client, kind), path)
    # What is left are "object" and "datetime": anything.


def of_list(value, kind, path):
    if not isinstance(value, list):
        yield f"{path}: is not a list"
        return
    for number, entry in enumerate(value):
        yield from differences(entry, kind, f"{path}[{number}]")


def of_map(value, kind, path):
    if not isinstance(value, dict):
        yield f"{path}: is not a map"
        return
    for key, entry in value.items():
        yield from differences(entry, kind, f"{path}.{key}")


def of_model(value, model, path):
    if not isinstance(value, dict):
        yield f"{path}: is not an object"
        return
    attributes = {key: attribute for attribute, key in model.attribute_map.items()}
    for key in value.keys() - attributes.keys():
        yield f"{path}: has no {key}"
    known = {attributes[key]: entry for key, entry in value.items() if key in attributes}
    try:
        model(**known)  # which refuses what is missing, or outside of a range
    except ValueError as error:
        yield f"{path}: {error}"
    for attribute, entry in known.items():
        yield from differences(entry, model.openapi_types[attribute], f"{path}.{model.attribute_map[attribute]}")
