"""Networks on this machine's processor, without torch: BERTs built from their weights as OpenVINO
graphs, and their texts cut into tokens by `tokenizers`.

Knows what a transformer computes, and neither passages nor questions.
"""
