namespace LinuxP2V.Engine.Conversions;

/// <summary>
/// How many conversions run at a time in this process: in all, and on each host and datastore of destinations that have
/// such.
/// </summary>
public sealed record ThrottleLimits(int Total = 4, int PerHost = 4, int PerDatastore = 8);
