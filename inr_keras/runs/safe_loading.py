"""Loading of SavedModels, which are programs: their operations are checked first."""

import re

import tensorflow as tf
from tensorflow.python.saved_model import loader_impl

from inr_keras import paths

# Kinds of operations that touch files, the network, Python or the process. All of
# tf.data is among them: datasets read files, and can hold graphs of their own.
_TOUCHING = re.compile(
    r"Abort|Checkpoint|Collective|CreateSummary|Dataset|Debug(Identity|N)|DistributedTPU"
    r"|DumpTensor|File(?!name|spec)|ImportEvent|Iterator|Nccl|PyFunc|Reader|Record|Recv"
    r"|RemapMatrix|RemoteCall|Restore|Rpc|Save|Send|Skipgram|SummaryWriter"
    r"|VocabRemapping|Write\w*Summary"
)
# Operations that save and restore the variables of a SavedModel.
_SAVER = {"MergeV2Checkpoints", "RestoreV2", "SaveV2"}
_INITIALIZERS = ("saved_model_main_op", "legacy_init_op")


class UntrustedError(ValueError):
    """Error of a SavedModel whose operations touch more than numbers."""


def load(path, trust_model=False):
    """Loads a SavedModel for use from Python.

    Args:
        path: Path of its folder.
        trust_model: bool. Whether it may do everything that TensorFlow can.

    Raises:
        UntrustedError: See `check`.
    """
    if not trust_model:
        check(path)
    with paths.without_patterns(path) as plain:
        return tf.saved_model.load(str(plain))


def check(path):
    """Refuses a SavedModel whose operations touch more than numbers.

    Args:
        path: Path of its folder.

    Raises:
        UntrustedError: It has operations that read or write files, use the network or
            run Python; except those that save and restore its own variables.
        OSError: It cannot be read.
    """
    graphs = loader_impl.parse_saved_model(str(path)).meta_graphs
    found = sorted(set().union(*map(_touching, graphs)))
    if found:
        more = ", ..." if len(found) > 5 else ""
        raise UntrustedError(
            "`path` must be a SavedModel that touches no files, network or Python, "
            "unless `trust_model` says that its maker is trusted. Received: "
            f"{str(path)!r}, with {', '.join(found[:5])}{more}"
        )


def _touching(graph):
    """Kinds of the operations of a `MetaGraphDef` that touch something."""
    nodes = {node.name: node for node in graph.graph_def.node}
    functions = {f.signature.name: f for f in graph.graph_def.library.function}
    saver = graph.saver_def
    restoring = _needed(nodes, [saver.restore_op_name])
    saving = _needed(nodes, [saver.save_tensor_name]) | restoring
    asked = [name for name in nodes if name not in saving]
    for definition in graph.signature_def.values():
        asked += [info.name for info in definition.outputs.values()]
    for key in _INITIALIZERS:
        asked += graph.collection_def[key].node_list.value
    asked = _needed(nodes, asked)
    found, exempt = set(), set()
    for name in saving - asked:
        kinds = {nodes[name].op}
        for called in _called(nodes[name]) & functions.keys():
            function = functions[called]
            inputs = function.signature.input_arg
            # One without a file name could be called as something else.
            if inputs and inputs[0].type == tf.string.as_datatype_enum:
                exempt.add(called)
                kinds |= {node.op for node in function.node_def}
        # Loading runs the restoring function, which must not save.
        allowed = {"RestoreV2"} if name in restoring else _SAVER
        found |= {kind for kind in kinds if _TOUCHING.search(kind)} - allowed
    for function in functions.values():
        # Functions that others call are not only for saving.
        exempt -= set().union(*map(_called, function.node_def))
    exempt -= set().union(*(_called(nodes[name]) for name in asked))
    used = [nodes[name] for name in asked]
    for name in functions.keys() - exempt:
        used += functions[name].node_def
    return found | {node.op for node in used if _touches(node)}


def _touches(node):
    if node.op == "PrintV2":
        return b"file:" in node.attr["output_stream"].s
    return _TOUCHING.search(node.op) is not None


def _called(node):
    """Names of the functions that a node calls."""
    values = node.attr.values()
    names = {value.func.name for value in values}
    names.update(f.name for value in values for f in value.list.func)
    return {node.op} | names


def _needed(nodes, names):
    """Names of all nodes that some nodes or tensors need, and themselves."""
    needed, names = set(), list(names)
    while names:
        name = names.pop().lstrip("^").partition(":")[0]
        if name in nodes and name not in needed:
            needed.add(name)
            names += nodes[name].input
    return needed
