using System.Globalization;
using System.Text;
using LinuxP2V.Agent.Copy.Tar;
using LinuxP2V.Agent.Events;
using LinuxP2V.Agent.Platform;
using LinuxP2V.Agent.Volumes;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent.Copy.Files;

/// <summary>
/// Gives a file of the copy the metadata that its source's tar header tells, without touching its data: tar unpacks the
/// header as an empty file beside the copy's files, and what that has is taken over.
/// </summary>
internal static class FileMetadata
{
    /// <summary>In the volume's root while it is used.</summary>
    public const string FolderName = ".linuxp2v-headers";

    private static int number;

    /// <param name="path">The file in the copy, with a NUL at the end.</param>
    /// <exception cref="AgentException">TargetDiskFull, CopyFailed.</exception>
    public static async Task GiveAsync(
        TransferContext context,
        SourceHeader header,
        byte[] path,
        string name,
        CancellationToken cancellationToken
    )
    {
        var (work, messages) = (context.Work, new SourceMessages(true));
        var paths = new TargetPaths(work.TargetPath, context.Manifest);
        var folder = string.Create(CultureInfo.InvariantCulture, $"{FolderName}/{Interlocked.Increment(ref number)}");
        var placeholder = paths.For(Encoding.UTF8.GetBytes($"{folder}/{SourceHeader.PlaceholderName}"));
        Directory.CreateDirectory(Path.Combine(work.TargetPath, folder));
        try
        {
            using (
                var extractor = TarExtractor.Start(
                    work.Volume,
                    Path.Combine(work.TargetPath, folder),
                    messages.Add,
                    work.Sink,
                    context.Script.AclsAreAttributes
                )
            )
            {
                try
                {
                    await extractor.Input.WriteAsync(header.Archive, cancellationToken);
                    extractor.Input.Close();
                }
                catch (IOException)
                {
                    // Its error output tells why.
                }

                await extractor.WaitAsync(cancellationToken);
            }

            if (MetadataCopy.Run(placeholder, path) is var error and not 0)
                messages.Add(
                    new CopyIncident(CopyIncidentKind.NotCarried, name, $"owner, mode, attributes or times: {NativeFiles.Describe(error)}")
                );

            messages.Report(context.Incidents);
        }
        finally
        {
            _ = NativeFiles.Unlink(placeholder);
            Directory.Delete(Path.Combine(work.TargetPath, folder));
        }
    }

    /// <summary>Removes the folder for headers, also one that a broken pass left; the root keeps its times.</summary>
    public static async Task CleanAsync(VolumeWork work, Func<Task> use)
    {
        var root = Encoding.UTF8.GetBytes(work.TargetPath + "\0");
        var isKnown = NativeFiles.Read(root, out var before) == 0;
        var folder = Path.Combine(work.TargetPath, FolderName);
        Clean();
        try
        {
            await use();
        }
        finally
        {
            Clean();
        }

        void Clean()
        {
            if (Directory.Exists(folder))
                Directory.Delete(folder, recursive: true);

            if (isKnown)
                _ = NativeFiles.SetTimes(root, before.AccessTime, before.ModifyTime);
        }
    }
}
