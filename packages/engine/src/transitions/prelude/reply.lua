-- Every script ends here: what it counted of a run is written, its events become one entry, named for the last one's
-- number, followers are woken once, and the caller gets what to enqueue and what it has begun.
local function reply(status, extra)
  give_back_slots()
  for run, lines in pairs(appended) do
    call('XADD', run.events, run.seq .. '-0', 'e', table.concat(lines, '\n'))
    call('HSET', run.meta, 'seq', run.seq)
    call('PUBLISH', run.events, run.seq)
  end
  for _, run in pairs(runs) do
    if run.added_bytes > 0 then call('HINCRBY', run.meta, 'bytes', run.added_bytes) end
  end
  return { status, pack_jobs(), extra or {}, begun }
end
