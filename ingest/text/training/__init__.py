"""How the recogniser was made: the annotated corpus, filled templates, the encoder in torch, training and export to ONNX.

Only corpus.py is needed at run time (to measure, and to train the relations); what imports torch runs with requirements-train.txt only.
"""
