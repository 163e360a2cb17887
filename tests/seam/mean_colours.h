// An embedder with an alignment of its own, for the test of the seam: an embedding is the mean of each channel of what
// lies between the eyes.
#pragma once

#include "embed/alignment.h"
#include "embed/embedder.h"

namespace facepipe::seam {

// Registers the embedder "mean-colours" and the alignment "eyes", which turns nothing: it brings the two eyes onto the
// first two points of the preprocessing. A pack's role "embedder" is the text "means".
void add_mean_colours(embed::EmbedderKinds& embedders, embed::AlignmentKinds& alignments);

}  // namespace facepipe::seam
