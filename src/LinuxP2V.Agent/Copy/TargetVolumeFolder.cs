using System.Text;
using LinuxP2V.Agent.Events;
using LinuxP2V.Agent.Platform;
using LinuxP2V.Protocol.Layout;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent.Copy;

/// <summary>The folder that a volume is copied into.</summary>
internal static class TargetVolumeFolder
{
    /// <summary>
    /// Takes away what a broken copy left: what has vanished from the source since must not stay in the copy, and a half
    /// written file must not pass for one. The agent's own folder on the root volume stays, and so does lost+found. No
    /// folder has a default ACL any more.
    /// </summary>
    /// <exception cref="AgentException">CopyFailed.</exception>
    public static async Task EmptyAsync(TargetVolume volume, string path, IEventSink sink, CancellationToken cancellationToken)
    {
        string[] kept =
            volume.MountPoint == "/"
                ? ["!", "-path", "./lost+found", "!", "-path", "./.linuxp2v", "!", "-path", "./.linuxp2v/*"]
                : ["!", "-path", "./lost+found"];
        string[] find = ["-C", path, "find", ".", "-xdev", "-mindepth", "1"];
        var first = await Tool.RunAsync("env", [.. find, .. kept, "-print", "-quit"], cancellationToken);
        if (first is not { Succeeded: true, Output.Length: 0 })
        {
            sink.Information($"{volume.Id} holds files of a copy that broke off: it is emptied and copied again.");
            if (volume.FileSystem.Kind != FileSystemKind.Vfat)
            {
                // Fails for what has no flags, such as links; deleting tells what matters.
                await Tool.RunAsync("chattr", ["-R", "-f", "-ia", path], cancellationToken);
            }

            (await Tool.RunAsync("env", [.. find, "-depth", .. kept, "-delete"], cancellationToken)).OrThrow(
                ErrorIds.CopyFailed,
                $"The helper could not empty {volume.Id} of what a broken copy left.",
                "Remove the conversion with its VM and start it anew."
            );
        }

        // Behind chattr: a folder that may not change keeps its ACL.
        if (volume.FileSystem.Kind != FileSystemKind.Vfat)
            RemoveDefaultAcls(path);
    }

    /// <summary>Of the folders that stay. Most have none.</summary>
    private static void RemoveDefaultAcls(string path)
    {
        foreach (var folder in new[] { path, path + "/lost+found" })
            _ = NativeFiles.RemoveAttribute(Encoding.UTF8.GetBytes(folder + "\0"), "system.posix_acl_default\0"u8.ToArray());
    }
}
