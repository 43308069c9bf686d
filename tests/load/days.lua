-- Requests of wrk for PATH, each as of another day: `wrk ... -- PATH`.
local path
local day

function init(words)
    path = words[1]
    math.randomseed(os.time())
    day = math.random(12000)
end

-- 12,000 days from 1993; a step without a common factor passes all of them before it comes back.
function request()
    day = (day + 4999) % 12000
    return wrk.format("GET", path .. "?as_of=" .. os.date("!%Y-%m-%d", 725846400 + day * 86400))
end
