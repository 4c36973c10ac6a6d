namespace LinuxP2V.Engine.Destinations.VSphere.Vim;

/// <summary>What a call of the REST interface is for, in the words of its errors.</summary>
/// <param name="What">To stand after "its REST interface, which keeps the": tags.</param>
/// <param name="Instead">What the admin may do without it, to stand after "or": leave the tags out.</param>
/// <param name="Rights">A sentence: which privileges to ask for.</param>
internal sealed record RestUse(string What, string Instead, string Rights);
