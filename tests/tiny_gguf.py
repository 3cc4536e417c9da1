"""A language model of some hundred kilobytes that llama.cpp loads: random weights, fast, endless.

Its tokens are the bytes, "th", and the marks of the chat template. It writes printable ASCII and
never ends an answer by itself; a grammar or `max_tokens` does.
"""

from __future__ import annotations

from pathlib import Path

import gguf
import numpy as np

TRAINED = 8192
"""Tokens that the file says the model was trained for."""
_WIDTH, _HEADS, _LAYERS = 64, 4, 2
_TEMPLATE = (
    "{% for message in messages %}<|im_start|>{{ message['role'] }}\n{{ message['content'] }}"
    "<|im_end|>\n{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)


def make(path: Path, name: str = "tiny", **metadata: int) -> Path:
    """Write the model to `path` and return it. `metadata` adds to the header or replaces in it."""
    tokens = [*_byte_letters(), "th", "<|im_start|>", "<|im_end|>", "<|endoftext|>"]
    kinds = [gguf.TokenType.NORMAL] * 257 + [gguf.TokenType.CONTROL] * 3
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_name(name)
    writer.add_block_count(_LAYERS)
    writer.add_context_length(TRAINED)
    writer.add_embedding_length(_WIDTH)
    writer.add_feed_forward_length(2 * _WIDTH)
    writer.add_head_count(_HEADS)
    writer.add_head_count_kv(_HEADS)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_dimension_count(_WIDTH // _HEADS)
    writer.add_vocab_size(len(tokens))
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("gpt-2")
    writer.add_token_list(tokens)
    writer.add_token_types(kinds)
    writer.add_token_merges(["t h"])
    writer.add_eos_token_id(tokens.index("<|im_end|>"))
    writer.add_pad_token_id(tokens.index("<|endoftext|>"))
    writer.add_chat_template(_TEMPLATE)
    for key, value in metadata.items():
        writer.add_uint32(key, value)
    for key, weights in _weights(tokens).items():
        writer.add_tensor(key, weights)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def _weights(tokens: list[str]) -> dict[str, np.ndarray]:
    random = np.random.default_rng(0)

    def matrix(rows: int, columns: int) -> np.ndarray:
        return (random.standard_normal((rows, columns)) / columns**0.5).astype(np.float32)

    weights = {
        "token_embd.weight": matrix(len(tokens), _WIDTH),
        "output_norm.weight": np.ones(_WIDTH, np.float32),
        "output.weight": matrix(len(tokens), _WIDTH),
    }
    # A row of zeros scores 0, the best of some ninety random rows more: never chosen freely.
    for row, token in enumerate(tokens):
        if len(token) > 1 or not "!" <= token <= "~":
            weights["output.weight"][row] = 0
    for layer in range(_LAYERS):
        block = f"blk.{layer}."
        for norm in ("attn_norm", "ffn_norm"):
            weights[f"{block}{norm}.weight"] = np.ones(_WIDTH, np.float32)
        for part in ("attn_q", "attn_k", "attn_v", "attn_output"):
            weights[f"{block}{part}.weight"] = matrix(_WIDTH, _WIDTH)
        for part in ("ffn_gate", "ffn_up"):
            weights[f"{block}{part}.weight"] = matrix(2 * _WIDTH, _WIDTH)
        weights[f"{block}ffn_down.weight"] = matrix(_WIDTH, 2 * _WIDTH)
    return weights


def _byte_letters() -> list[str]:
    """The letter that GPT-2's vocabulary writes for each byte."""
    shown = [*range(ord("!"), ord("~") + 1), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    hidden = [byte for byte in range(256) if byte not in shown]
    letters = {byte: chr(byte) for byte in shown}
    letters |= {byte: chr(256 + n) for n, byte in enumerate(hidden)}
    return [letters[byte] for byte in range(256)]
