"""The ground under every room: settings, database, errors, storage, jobs, leases, paging, web."""
