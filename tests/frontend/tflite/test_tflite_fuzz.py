# SPDX-License-Identifier: Apache-2.0
"""No file, however damaged, gives anything but a model or a SconnxError; and no file takes for ever."""

from __future__ import annotations

import struct

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tflite_file import MODELS, needs_models, small

from sconnx.errors import SconnxError
from sconnx.frontend.tflite.flatbuffer import FlatBuffer, Malformed
from sconnx.frontend.tflite.importer import read_tflite
from sconnx.graph.json_form import graph_from_json, graph_to_json

SMALL = small().pack()


def attempt(path, data):
    """Import; whether it worked."""
    path.write_bytes(data)
    try:
        model = read_tflite(path, "net")
    except SconnxError as error:
        assert str(error)
        return False
    assert graph_from_json(graph_to_json(model.graph)) == model.graph
    for tensor in model.graph.constants:
        assert model.params.value[tensor].shape == model.graph.tensors[tensor].dims
    return True


def structure(data):
    """Offsets of the bytes that are not the contents of large constants: where damage matters."""
    plain = np.frombuffer(data, np.uint8)
    keep = np.ones(plain.size, bool)
    for length, position in ((n, p) for n in (64 * 640, 128 * 128, 64 * 64) for p in range(0, plain.size - n, 4)):
        if struct.unpack_from("<I", data, position)[0] == length:
            keep[position + 8 : position + 4 + length] = False
    return np.flatnonzero(keep)


def test_truncation_of_a_small_model(tmp_path):
    data = SMALL
    assert attempt(tmp_path / "m.tflite", data)
    worked = [length for length in range(0, len(data), 5) if attempt(tmp_path / "m.tflite", data[:length])]
    assert not worked or min(worked) > len(data) - 8


def test_bytes_of_a_small_model(tmp_path):
    data = SMALL
    rng = np.random.default_rng(3)
    for position in range(rng.integers(3), len(data), 3):
        value = (0x00, 0x80, 0xFF, data[position] ^ 1)[rng.integers(4)]
        attempt(tmp_path / "m.tflite", data[:position] + bytes([value]) + data[position + 1 :])


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes=st.lists(st.tuples(st.integers(0, 10_000), st.binary(min_size=1, max_size=4)), min_size=1, max_size=8))
def test_several_changes_of_a_small_model(tmp_path, changes):
    data = bytearray(SMALL)
    for position, value in changes:
        start = position % (len(data) - 4)
        data[start : start + len(value)] = value
    attempt(tmp_path / "m.tflite", bytes(data))


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(tail=st.binary(max_size=200))
def test_noise_after_the_identifier(tmp_path, tail):
    attempt(tmp_path / "m.tflite", b"\x10\x00\x00\x00TFL3" + tail)


@needs_models
@pytest.mark.parametrize("name", ["ad01_int8", "kws_ref_model"])
def test_damaged_models(tmp_path, name):
    data = (MODELS / f"{name}.tflite").read_bytes()
    rng = np.random.default_rng(7)
    for length in np.unique(np.r_[0:64, rng.integers(0, len(data), 80)]):
        attempt(tmp_path / "m.tflite", data[:length])
    offsets = structure(data)
    for _ in range(100):
        damaged = bytearray(data)
        for position in rng.choice(offsets, rng.integers(1, 4)):
            damaged[position] ^= 1 << rng.integers(8)
        attempt(tmp_path / "m.tflite", bytes(damaged))


def shared_tables(count):
    """A root whose field 0 is a vector of tables that are all the same one, which has a long vtable."""
    vtable_bytes = 4 + 2 * 2000
    root = struct.pack("<I4sHHHHiI", 16, b"TFL3", 6, 8, 4, 0, 8, 4)
    vector = struct.pack("<I", count)
    start = len(root) + 4
    table = start + 4 * count + vtable_bytes
    offsets = b"".join(struct.pack("<I", table - (start + 4 * index)) for index in range(count))
    vtable = struct.pack("<HH", vtable_bytes, 4) + bytes(vtable_bytes - 4)
    return root + vector + offsets + vtable + struct.pack("<i", vtable_bytes)


def test_shared_objects_do_not_multiply_the_work():
    assert len(FlatBuffer(shared_tables(3)).root().tables(0)) == 3
    with pytest.raises(Malformed, match="its objects are larger in total than the file can hold"):
        FlatBuffer(shared_tables(2000)).root().tables(0)
