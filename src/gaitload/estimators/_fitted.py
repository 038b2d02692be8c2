"""What a floor has learnt, as a module of torch: one implementation serves studies, files and exported graphs."""

from __future__ import annotations

import numpy as np
import torch
from torch import nn


class Fitted(nn.Module):
    """A fitted floor: `forward` takes inputs (M, T, C) and covariates (M, V), both scaled, to curves (M, P, K).

    Attributes
    ----------
    graph_dtype : torch.dtype
        Precision of an exported graph. Sums of squares that nearly cancel need the double one.
    """

    graph_dtype = torch.float32

    def keep(self, **arrays: np.ndarray) -> None:
        """Hold arrays in double precision, which travel with the module."""
        for name, array in arrays.items():
            self.register_buffer(name, torch.as_tensor(np.array(array, dtype=float)))

    def estimate(self, inputs: np.ndarray, covariates: np.ndarray) -> np.ndarray:
        """Curves of windows, shape (M, P, K), float32, computed in double precision."""
        return self.exactly(inputs, covariates).astype(np.float32)

    def exactly(self, *arrays: np.ndarray) -> np.ndarray:
        """What `forward` makes of arrays, float64."""
        with torch.inference_mode():
            return self(*(torch.as_tensor(array, dtype=torch.float64) for array in arrays)).numpy()
