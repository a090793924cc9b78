#pragma once

/// Elementary functions that give the same bits on every machine. The C library's differ between versions and
/// processors (some use fused multiply-add), and one last bit is enough to swap two events. Relative error below 4e-16
/// on the ranges named.
namespace codecosim::portable {

/// Natural logarithm of a positive, finite, normal x.
double log(double x);
/// e^x for |x| < 700.
double exp(double x);
/// x^y for x > 0.
double pow(double x, double y);
/// Sine and cosine for |x| < 1e4, to 1e-15 absolute.
double sin(double x);
double cos(double x);
/// Arc sine for |x| <= 1.
double asin(double x);

}  // namespace codecosim::portable
