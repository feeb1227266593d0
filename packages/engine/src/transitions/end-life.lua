-- Their number has changed, and with it the partition of this run: it is rebuilt there, and what lives here is over.
local run = run_at(ARGV[3])
local run_id, ttl_ms = ARGV[4], ARGV[5]
end_life(run, ttl_ms)
call('PEXPIRE', prefix .. 'run:' .. run_id, ttl_ms)
return reply('ended', { '1' })
