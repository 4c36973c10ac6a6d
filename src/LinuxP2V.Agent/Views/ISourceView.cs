namespace LinuxP2V.Agent.Views;

/// <summary>How the files of a volume are seen on the source: as they are now, or as a snapshot holds them.</summary>
internal interface ISourceView
{
    /// <summary>A script that runs another one in the volume's root, with nothing mounted inside it where that can be had.</summary>
    /// <returns>Exit code <see cref="NotMounted"/> when nothing is mounted at the mount point; else the script's own.</returns>
    string In(string script);

    /// <summary>Whether file systems mounted inside the volume are out of sight, so that what lies below them is seen.</summary>
    bool SeesBelowMounts { get; }

    /// <summary>
    /// The source's clock in whole seconds, not later than what the view shows; null where it shows what is now. What
    /// changed after it is not seen, however late the view is read.
    /// </summary>
    long? Moment => null;

    /// <summary>The folder below the mount point is not the volume.</summary>
    const int NotMounted = 124;
}
