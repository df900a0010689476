# SPDX-License-Identifier: Apache-2.0
"""The steps of the pipeline. Each is `run(options, inputs) -> contents of its outputs`, a pure function of files."""
