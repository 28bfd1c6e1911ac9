"""
Subjects for scikit-image
=========================

A cut-out's alpha is an ordinary grey picture: label it, measure it, draw its outline.

Run it from the root of the repository: ``python docs/examples/scikit_image.py [OUTPUT]``.
"""

from __future__ import annotations

import sys

import numpy as np
from skimage import color, io, measure, morphology, util

from mattekit_imageio import cutout_array

# %%
# Any dtype goes in and comes back: here floats in [0, 1].

photo = util.img_as_float(io.imread("sample_images/cat.jpg"))
subject = cutout_array(photo)
matte = subject[..., 3]
assert subject.dtype == photo.dtype

# %%
# The outline is a level set of the matte, the box that of its largest region.

outlined = photo.copy()
for contour in measure.find_contours(matte, 0.5):
    rows, columns = np.round(contour).astype(int).T
    line = np.zeros(matte.shape, bool)
    line[rows, columns] = True
    outlined[morphology.dilation(line, morphology.disk(1))] = (1, 0.85, 0)
region = max(measure.regionprops(measure.label(matte > 0.5)), key=lambda found: found.area)
top, left, bottom, right = region.bbox
inside = np.zeros(matte.shape, bool)
inside[top:bottom, left:right] = True
outlined[inside & ~morphology.erosion(inside, morphology.disk(2))] = (1, 0.2, 0.2)

# %%
# Straight alpha: the subject over anything is ``alpha * colour + (1 - alpha) * anything``.

alpha = matte[..., None]
selective = alpha * subject[..., :3] + (1 - alpha) * color.gray2rgb(color.rgb2gray(photo))

# %%
# Four pictures in one.

sheet = np.hstack([photo, color.gray2rgb(matte), outlined, selective])
io.imsave(sys.argv[1] if len(sys.argv) > 1 else "subject.png", util.img_as_ubyte(sheet))
