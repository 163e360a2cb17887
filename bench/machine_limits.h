// What the CPU and the memory can do at most, measured: the limits that the kernels' speed is a share of.
#pragma once

#include <cstddef>

namespace facepipe::bench {

// Runs `rounds` rounds of twelve independent multiply-adds of whole vectors, in registers alone, on the calling thread;
// returns the floating-point operations that were done (two a multiply-add). Bound by the multiply-add units, not by
// their latency: two units of four cycles need eight sums under way.
double multiply_adds(int rounds);

// Reads `bytes` of memory once, in vectors, on the calling thread, and returns what the compiler must not leave out.
// More bytes than the caches hold, or the figure is the caches'.
float read_memory(const float* memory, std::size_t count);

}  // namespace facepipe::bench
