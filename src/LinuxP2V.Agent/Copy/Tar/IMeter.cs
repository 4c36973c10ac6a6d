namespace LinuxP2V.Agent.Copy.Tar;

/// <summary>Counts what one stream brings.</summary>
internal interface IMeter
{
    /// <summary>Of file data so far.</summary>
    long Bytes { get; }

    long Files { get; }
}
