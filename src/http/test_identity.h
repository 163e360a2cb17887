// Certificates for tests, made by OpenSSL.
#pragma once

#include <gtest/gtest.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <filesystem>
#include <memory>
#include <utility>

namespace facepipe::http::testing {

struct Identity {
  std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key{EVP_EC_gen("P-256"), &EVP_PKEY_free};
  std::unique_ptr<X509, decltype(&X509_free)> certificate{X509_new(), &X509_free};
};

// Its certificate and key as PEM files for their owner alone.
inline void write_identity(const Identity& identity, const std::filesystem::path& certificate,
                           const std::filesystem::path& key) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> certificate_out(BIO_new_file(certificate.c_str(), "w"), &BIO_free);
  EXPECT_EQ(PEM_write_bio_X509(certificate_out.get(), identity.certificate.get()), 1);
  const std::unique_ptr<BIO, decltype(&BIO_free)> key_out(BIO_new_file(key.c_str(), "w"), &BIO_free);
  EXPECT_EQ(PEM_write_bio_PrivateKey(key_out.get(), identity.key.get(), nullptr, nullptr, 0, nullptr, nullptr), 1);
  std::filesystem::permissions(key, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

// Self-signed, for `names` ("DNS:localhost,IP:127.0.0.1"), valid until `expires_in_s` from now.
inline Identity make_identity(const char* names, long expires_in_s) {
  Identity identity;
  X509* const certificate = identity.certificate.get();
  X509_set_version(certificate, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate), -86'400);
  X509_gmtime_adj(X509_getm_notAfter(certificate), expires_in_s);
  X509_set_pubkey(certificate, identity.key.get());
  X509_NAME* const name = X509_get_subject_name(certificate);
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("test"), -1, -1, 0);
  X509_set_issuer_name(certificate, name);
  for (const auto& [kind, value] : {std::pair{NID_subject_alt_name, names}, {NID_basic_constraints, "CA:TRUE"}}) {
    X509_EXTENSION* const extension = X509V3_EXT_conf_nid(nullptr, nullptr, kind, value);
    X509_add_ext(certificate, extension, -1);
    X509_EXTENSION_free(extension);
  }
  EXPECT_GT(X509_sign(certificate, identity.key.get(), EVP_sha256()), 0);
  return identity;
}

}  // namespace facepipe::http::testing
