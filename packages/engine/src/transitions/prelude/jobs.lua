-- What a script releases is enqueued by its caller.

local jobs = {} -- what the caller must enqueue; each has its due record already

local function push_job(run, what, delivery, queue, delay)
  jobs[#jobs + 1] = { run = run, what = what, delivery = delivery, queue = queue, delay = delay }
end

local function job_name(ref, what, delivery)
  return string.gsub(ref, ':', '.') .. '.' .. what .. '.' .. delivery
end

-- Steps released together share jobs, up to sixteen in each, and are at least two: each job costs trips of which the first
-- step waits for all before it, and a worker that has no place for some hands those back.
-- A step of a shared job keeps its name, so that the reconciler can see whether the job is there.
local function pack_jobs()
  local packed, groups = {}, {}
  local function add(job, list)
    local i, parts = info(job.run), {}
    for n, each in ipairs(list) do
      parts[n] = each.what .. ':' .. each.delivery
      if #list > 1 then
        call('HSET', step_key(job.run, each.what), 'job', job_name(job.run.ref, job.what, job.delivery))
      end
    end
    packed[#packed + 1] =
      { job.run.ref, table.concat(parts, ' '), job.queue, tostring(job.delay), i.priority, i.request_id }
  end
  for _, job in ipairs(jobs) do
    if job.delay > 0 or string.sub(job.what, 1, 1) == '@' then
      add(job, { job })
    else
      local key = job.run.ref .. job.queue
      groups[key] = groups[key] or {}
      table.insert(groups[key], job)
    end
  end
  for _, group in pairs(groups) do
    local size = math.min(16, math.ceil(#group / 2))
    for first = 1, #group, size do
      add(group[first], { unpack(group, first, math.min(first + size - 1, #group)) })
    end
  end
  return packed
end
