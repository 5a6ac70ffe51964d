"""Description of the REST interface: an OpenAPI document, and a page of it."""

import html
import json
import re
import urllib.parse

from inr_keras.serving import status_codes

_MODEL = "/v1/models/{model}"
_VERSION = f"{_MODEL}/versions/{{version}}"
_REFUSALS = {
    "400": "The request is wrong.",
    "403": "A page of another site asks.",
    "404": "There is no such model or version.",
    "408": "The body did not arrive in time.",
    "413": "The body is too large.",
    "429": "Too many requests at once.",
    "503": "The queue is full, the model is being loaded, or the server stops.",
    "504": "It took too long.",
}
_JSON_TYPES = {"bool": "boolean", "string": "string", "float32": "number"}
_JSON_TYPES |= {"float64": "number", "float16": "number", "bfloat16": "number"}
_EXAMPLE = """\
curl -d '{"signature_name": "generate",
          "instances": [{"seeds": 3, "truncation": 0.7LABEL}]}' \\
    http://HOST:PORT/v1/models/MODEL:predict"""


def document(registry):
    """Builds the OpenAPI document of a server.

    Args:
        registry: `Registry`, whose models' signatures are among the schemas.

    Returns:
        dict for JSON.
    """
    schemas = {
        "Error": _object({"error": {"type": "string"}}),
        "Rows": _object(
            {"signature_name": {"type": "string"}, "instances": {"type": "array"}}
        ),
        "Columns": _object({"signature_name": {"type": "string"}, "inputs": {}}),
        **_signatures(registry),
    }
    body = {"oneOf": [_reference("Rows"), _reference("Columns")]}
    paths = {}
    for path in (_MODEL, _VERSION):
        paths[path] = {"get": _operation(path, "States of the versions.")}
        paths[f"{path}/metadata"] = {"get": _operation(path, "Signatures.")}
        predict = _operation(path, "Runs a signature.")
        predict["requestBody"] = {"required": True, "content": _content(body)}
        paths[f"{path}:predict"] = {"post": predict}
    paths["/healthz"] = {"get": _operation("", "200 once a model can answer.")}
    return {
        "openapi": "3.1.0",
        "info": {"title": "TensorFlow Serving's REST interface", "version": "1"},
        "paths": paths,
        "components": {"schemas": schemas},
    }


def page(registry):
    """Writes the page of `document`, in HTML without scripts."""
    described = document(registry)
    schemas = described["components"]["schemas"]
    model = next(iter(registry.names()), "MODEL")
    inputs = schemas.get(_key(f"{model} generate"), {}).get("properties", {})
    label = ', "label": 0' if "label" in inputs else ""
    example = _EXAMPLE.replace("LABEL", label)
    example = example.replace("MODEL", urllib.parse.quote(model, safe=""))
    operations = [
        (method.upper(), path, operation["summary"])
        for path, methods in described["paths"].items()
        for method, operation in methods.items()
    ]
    signatures = [
        (
            schema["title"],
            *(", ".join(_shown(schema, key)) for key in ("inputs", "outputs")),
        )
        for schema in schemas.values()
        if "x-outputs" in schema
    ]
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        "<title>REST interface</title>"
        '<link rel="stylesheet" href="/explore/css/docs.css">'
        "</head><body><main><h1>REST interface</h1>"
        '<p>As TensorFlow Serving has it. <a href="/openapi.json">OpenAPI</a>, '
        '<a href="/explore/">explorer</a>.</p>'
        f"<pre>{html.escape(example)}</pre>"
        "<p>A model with classes also takes <code>label</code>, the number of a class, "
        "wherever it takes seeds or latents.</p>"
        f"{_table(('Method', 'Path', ''), operations)}"
        "<h2>Signatures</h2>"
        f"{_table(('Model and signature', 'Inputs', 'Outputs'), signatures)}"
        "<h2>Refusals</h2>"
        "<p>Each is answered with <code>{&quot;error&quot;: ...}</code>.</p>"
        f"{_table(('Status', 'When'), _REFUSALS.items())}</main></body></html>"
    )


def _signatures(registry):
    schemas = {}
    for model in registry.names():
        try:
            with registry.use(model) as servable:
                for name, signature in servable.signatures.items():
                    inputs = {k: _schema(v) for k, v in signature.inputs.items()}
                    outputs = {k: _schema(v) for k, v in signature.outputs.items()}
                    title = f"{model} {name}"
                    schema = {**_object(inputs), "title": title, "x-outputs": outputs}
                    schemas[_key(title)] = schema
        except status_codes.ServingError:
            pass  # It has just been taken away.
    return schemas


def _key(title):
    """A key for a schema: letters, digits and `.-_` alone."""
    return re.sub(r"[^A-Za-z0-9._-]", lambda m: f"_{ord(m[0]):x}_", title)


def _schema(spec):
    schema = {"type": _JSON_TYPES.get(spec.dtype.name, "integer")}
    text = "of any shape"
    if spec.shape is not None:
        text = json.dumps(list(spec.shape)).replace("null", "any")
        for _ in spec.shape:
            schema = {"type": "array", "items": schema}
    return {**schema, "description": f"{spec.dtype.name} {text}"}


def _object(properties):
    return {"type": "object", "properties": properties}


def _operation(path, summary):
    names = [name for name in ("model", "version") if f"{{{name}}}" in path]
    responses = {"200": {"description": "The answer."}}
    responses |= {
        status: {"description": text, "content": _content(_reference("Error"))}
        for status, text in _REFUSALS.items()
    }
    return {
        "summary": summary,
        "parameters": [
            {"name": n, "in": "path", "required": True, "schema": {"type": "string"}}
            for n in names
        ],
        "responses": responses,
    }


def _content(schema):
    return {"application/json": {"schema": schema}}


def _reference(name):
    return {"$ref": f"#/components/schemas/{name}"}


def _shown(schema, key):
    fields = schema["properties"] if key == "inputs" else schema["x-outputs"]
    return [f"{name}: {field['description']}" for name, field in fields.items()]


def _table(titles, rows):
    def cells(tag, values):
        return "".join(f"<{tag}>{html.escape(value)}</{tag}>" for value in values)

    body = "".join(f"<tr>{cells('td', row)}</tr>" for row in rows)
    return (
        f"<table><thead><tr>{cells('th', titles)}</tr></thead>"
        f"<tbody>{body}</tbody></table>"
    )
