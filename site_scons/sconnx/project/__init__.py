# SPDX-License-Identifier: Apache-2.0
"""What a build file needs before anything is built: the user's settings, and what each step depends on."""
