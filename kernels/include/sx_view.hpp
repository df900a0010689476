/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_VIEW_HPP
#define SX_VIEW_HPP

#include <stddef.h>
#include <stdint.h>

namespace sconnx {

/** N elements that lie somewhere else. The addresses are its iterators, so that std::span of C++20 takes it. */
template <typename T, size_t N>
class View {
public:
    constexpr View(T (&array)[N]) noexcept : View(array, 0) {}
    /** N elements from an address on. */
    static constexpr View at(T *first) noexcept { return View(first, 0); }

    constexpr T *data() const noexcept { return first_; }
    static constexpr size_t size() noexcept { return N; }
    constexpr T *begin() const noexcept { return first_; }
    constexpr T *end() const noexcept { return first_ + N; }
    /** Undefined unless index < N. */
    constexpr T &operator[](size_t index) const noexcept { return first_[index]; }

private:
    constexpr View(T *first, int) noexcept : first_(first) {}

    T *first_;
};

/** real = scale * (q - zero_point) */
struct Quantization {
    float scale;
    int32_t zero_point;

    constexpr float real(int32_t q) const noexcept { return scale * static_cast<float>(q - zero_point); }

    /** The nearest number of an integer type of up to 16 bits, halves away from zero, saturated; of NaN the least. */
    template <typename T>
    constexpr T nearest(float value) const noexcept
    {
        static_assert(sizeof(T) <= 2, "float32 does not have all values of longer integers");
        constexpr bool is_signed = static_cast<T>(-1) < static_cast<T>(0);
        constexpr int32_t count = int32_t{1} << (8 * sizeof(T));
        constexpr int32_t least = is_signed ? -count / 2 : 0;
        const float q = value / scale + static_cast<float>(zero_point);
        if (!(q > static_cast<float>(least))) {
            return static_cast<T>(least);
        }
        if (q >= static_cast<float>(least + count - 1)) {
            return static_cast<T>(least + count - 1);
        }
        return static_cast<T>(q < 0.0f ? q - 0.5f : q + 0.5f);
    }
};

} // namespace sconnx

#endif
