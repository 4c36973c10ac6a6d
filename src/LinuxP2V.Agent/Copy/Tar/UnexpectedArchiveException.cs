namespace LinuxP2V.Agent.Copy.Tar;

/// <summary>An archive of the source is not what was asked for, or could be read in more than one way.</summary>
/// <param name="reason">Behind "the archive": "holds /x, which was not asked for".</param>
internal sealed class UnexpectedArchiveException(string reason) : Exception($"The archive {reason}.")
{
    public string Reason => reason;
}
