-- LOCAL STAND-IN for supabase_vault 0.3.1: its table, view, function signatures and the shape of
-- its rights. As in the real one a secret lies encrypted in its row, bound to the row's id, and the
-- view decrypts it for those who may execute the decryption.
-- Left out: a root key outside the database. Here it is a row, closed to every role but those that
-- read all data, so a dump holds both: good against careless eyes, not against a stolen disk.

create table vault._root_key (key bytea not null);
insert into vault._root_key values (@extschema:pgcrypto@.gen_random_bytes(32));

create function vault._crypto_aead_det_noncegen() returns bytea language sql volatile
set search_path = ''
as $$ select @extschema:pgcrypto@.gen_random_bytes(16) $$;

-- Additional data cannot be authenticated by pgcrypto, so it goes into the key.
create function vault._key_for(additional bytea) returns bytea language sql stable
security definer set search_path = ''
as $$ select @extschema:pgcrypto@.hmac(additional, key, 'sha256') from vault._root_key $$;

create function vault._crypto_aead_det_encrypt(
  message bytea, additional bytea, key_id bigint, context bytea = 'pgsodium', nonce bytea = null
) returns bytea language sql stable security definer set search_path = ''
as $$
  select @extschema:pgcrypto@.encrypt_iv(message, vault._key_for(additional), nonce, 'aes')
$$;

create function vault._crypto_aead_det_decrypt(
  message bytea, additional bytea, key_id bigint, context bytea = 'pgsodium', nonce bytea = null
) returns bytea language sql stable security definer set search_path = ''
as $$
  select @extschema:pgcrypto@.decrypt_iv(message, vault._key_for(additional), nonce, 'aes')
$$;

create table vault.secrets (
  id uuid primary key default gen_random_uuid(),
  name text,
  description text not null default '',
  secret text not null,
  key_id uuid,
  nonce bytea default vault._crypto_aead_det_noncegen(),
  created_at timestamptz not null default current_timestamp,
  updated_at timestamptz not null default current_timestamp
);
create unique index on vault.secrets (name) where name is not null;

create view vault.decrypted_secrets as
select
  s.id, s.name, s.description, s.secret,
  convert_from(vault._crypto_aead_det_decrypt(
    message := decode(s.secret, 'base64'),
    additional := convert_to(s.id::text, 'utf8'),
    key_id := 0,
    nonce := s.nonce
  ), 'utf8') as decrypted_secret,
  s.key_id, s.nonce, s.created_at, s.updated_at
from vault.secrets s;

create function vault._seal(plain text, id uuid, nonce bytea) returns text language sql stable
set search_path = ''
as $$
  select encode(vault._crypto_aead_det_encrypt(
    message := convert_to(plain, 'utf8'), additional := convert_to(id::text, 'utf8'),
    key_id := 0, nonce := nonce), 'base64')
$$;

create function vault.create_secret(
  new_secret text, new_name text = null, new_description text = '', new_key_id uuid = null
) returns uuid language plpgsql security definer set search_path = ''
as $$
declare
  new_id uuid := gen_random_uuid();
  new_nonce bytea := vault._crypto_aead_det_noncegen();
begin
  insert into vault.secrets (id, name, description, secret, nonce)
  values (
    new_id, new_name, new_description, vault._seal(new_secret, new_id, new_nonce), new_nonce);
  return new_id;
end
$$;

create function vault.update_secret(
  secret_id uuid, new_secret text = null, new_name text = null, new_description text = null,
  new_key_id uuid = null
) returns void language plpgsql security definer set search_path = ''
as $$
declare
  -- As there, for nothing: so one that cannot be decrypted cannot be updated.
  decrypted text := (select d.decrypted_secret from vault.decrypted_secrets d where d.id = secret_id);
begin
  update vault.secrets s set
    secret = coalesce(vault._seal(new_secret, s.id, s.nonce), s.secret),
    name = coalesce(new_name, s.name),
    description = coalesce(new_description, s.description),
    updated_at = now()
  where s.id = secret_id;
end
$$;

revoke execute on all functions in schema vault from public;
