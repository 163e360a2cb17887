#include "progress.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <utility>

namespace facepipe::app {
namespace {

constexpr std::size_t kBarWidth = 30;
constexpr std::chrono::milliseconds kRedrawInterval{100};

}  // namespace

ProgressBar::ProgressBar(std::string label, std::size_t total)
    : label_(std::move(label)),
      total_(total),
      on_terminal_(::isatty(STDERR_FILENO) == 1),
      started_(std::chrono::steady_clock::now()) {}

ProgressBar::~ProgressBar() {
  if (on_terminal_) {
    std::fputs("\r\033[K", stderr);
  }
}

void ProgressBar::set(std::size_t done) {
  if (!on_terminal_) {
    return;
  }
  const std::lock_guard lock(mutex_);
  const auto now = std::chrono::steady_clock::now();
  if (done < total_ && now - drawn_at_ < kRedrawInterval) {
    return;
  }
  drawn_at_ = now;
  draw(done);
}

void ProgressBar::draw(std::size_t done) {
  const std::size_t filled = total_ == 0 ? kBarWidth : std::min(kBarWidth, done * kBarWidth / total_);
  std::string bar(filled, '=');
  bar.resize(kBarWidth, ' ');
  const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - started_;
  const double rate = elapsed.count() > 0 ? static_cast<double>(done) / elapsed.count() : 0;
  std::fprintf(stderr, "\r%s [%s] %zu/%zu  %.1f/s\033[K", label_.c_str(), bar.c_str(), done, total_, rate);
}

}  // namespace facepipe::app
