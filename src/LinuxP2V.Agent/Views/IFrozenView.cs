namespace LinuxP2V.Agent.Views;

/// <summary>A view in which nothing changes: its block device can be read too.</summary>
internal interface IFrozenView : ISourceView
{
    /// <summary>The file system's device on the source.</summary>
    string Device { get; }

    /// <summary>A script that runs another one beside the volume, as long as it is frozen.</summary>
    /// <returns>Exit code <see cref="ISourceView.NotMounted"/> when it is frozen no more; else the script's own.</returns>
    string Beside(string script);
}
