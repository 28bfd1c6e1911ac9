#!/bin/sh
# Make an authority of your own, and a certificate of it for a name that you answer in your network:
#   deploy/make-authority.sh api.remove.bg
# In the current folder: authority.pem, which clients must trust; NAME.pem and NAME.key, for the
# reverse proxy; authority.key, which nobody but you may have: keep it offline, or delete it.
# The certificate is for that name alone and lasts 825 days, the longest that all systems accept.
set -eu
name=${1:?the name, such as api.remove.bg}
umask 077
curve='-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes'

if [ ! -e authority.key ]; then
    # It may vouch for this name and nothing else, whoever gets hold of its key (RFC 5280, 4.2.1.10).
    # shellcheck disable=SC2086 # it is several words
    openssl req -x509 $curve -days 3650 -subj "/CN=mattekit for $name" \
        -addext basicConstraints=critical,CA:TRUE,pathlen:0 \
        -addext keyUsage=critical,keyCertSign,cRLSign \
        -addext "nameConstraints=critical,permitted;DNS:$name" \
        -keyout authority.key -out authority.pem
fi
# shellcheck disable=SC2086
openssl req $curve -subj "/CN=$name" -keyout "$name.key" -out "$name.csr"
printf 'subjectAltName=DNS:%s\nbasicConstraints=CA:FALSE\nextendedKeyUsage=serverAuth\n' "$name" >"$name.ext"
openssl x509 -req -in "$name.csr" -CA authority.pem -CAkey authority.key -CAcreateserial \
    -days 825 -sha256 -extfile "$name.ext" -out "$name.pem"
rm -f "$name.csr" "$name.ext" authority.srl
chmod 644 authority.pem "$name.pem"
