// Included before Highway's foreach_target.h by kernels that keep several vectors in arrays: the widths that these are
// not compiled for.
#pragma once

// Scalable vectors cannot be in arrays; such CPUs have NEON, too. SSE4 has hardly anything that such loops want beyond
// SSSE3: it would be the same code twice.
#define HWY_DISABLED_TARGETS (HWY_SSE4 | HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128 | HWY_RVV)
