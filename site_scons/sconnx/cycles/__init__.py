# SPDX-License-Identifier: Apache-2.0
"""Estimates of processor cycles from the blocks of code that an emulator saw: models of two pipelines, and nothing measured."""
