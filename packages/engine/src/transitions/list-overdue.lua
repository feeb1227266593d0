-- What of the partition is past its time: leases, due records, deadlines, approvals; and what time it is. Each run is
-- then looked at by a script of its own, so that one which cannot be repaired keeps no other from it.
local limit = ARGV[3]
local leases_until = '+inf'
leases_until = now -- guard:lease
local function list(set, until_time)
  return table.concat(call('ZRANGEBYSCORE', set, '-inf', until_time, 'LIMIT', 0, limit), ' ')
end
return reply('overdue', { list(LEASES, leases_until), list(DUE, now), list(DEADLINES, now), list(APPROVALS, now), tostring(now) })
