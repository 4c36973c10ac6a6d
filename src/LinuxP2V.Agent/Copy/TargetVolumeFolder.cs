using System.Text;
using LinuxP2V.Agent.Events;
using LinuxP2V.Agent.Platform;
using LinuxP2V.Protocol.Layout;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent.Copy;

/// <summary>The folder that a volume is copied into.</summary>
internal static class TargetVolumeFolder
{
    /// <summary>Conditions of find. btrfs numbers the root of each subvolume 256, and nothing else.</summary>
    private static readonly string[] OtherThanSubvolumes = ["(", "-path", ".", "-o", "!", "-type", "d", "-o", "!", "-inum", "256", ")"];

    /// <summary>
    /// Takes away what a broken copy left: what has vanished from the source since must not stay in the copy, and a half
    /// written file must not pass for one. The agent's own folder on the root volume stays, and so do lost+found, and
    /// subvolumes in it, which are volumes of their own, with the folders that lead to them. No folder has a default ACL any
    /// more.
    /// </summary>
    /// <exception cref="AgentException">CopyFailed.</exception>
    public static async Task EmptyAsync(TargetVolume volume, string path, IEventSink sink, CancellationToken cancellationToken)
    {
        string[] kept =
            volume.MountPoint == "/"
                ? ["!", "-path", "./lost+found", "!", "-path", "./.linuxp2v", "!", "-path", "./.linuxp2v/*"]
                : ["!", "-path", "./lost+found"];
        string[] others = volume.FileSystem.Kind == FileSystemKind.Btrfs ? OtherThanSubvolumes : [];
        // A folder that is not empty, but for subvolumes, is gone once what is in it is.
        string[] leaves = others.Length > 0 ? [.. others, "(", "!", "-type", "d", "-o", "-empty", ")"] : [];
        string[] find = ["-C", path, "find", ".", "-xdev", "-mindepth", "1"];
        var first = await Tool.RunAsync("env", [.. find, .. leaves, .. kept, "-print", "-quit"], cancellationToken);
        if (first is not { Succeeded: true, Output.Length: 0 })
        {
            sink.Information($"{volume.Id} holds files of a copy that broke off: it is emptied and copied again.");
            if (volume.FileSystem.Kind != FileSystemKind.Vfat)
            {
                // Fails for what has no flags, such as links; deleting tells what matters.
                string[] all = ["-C", path, "find", ".", "-xdev", .. others];
                await Tool.RunAsync("env", [.. all, "-exec", "chattr", "-f", "-ia", "--", "{}", "+"], cancellationToken);
            }

            (await Tool.RunAsync("env", [.. find, "-depth", .. leaves, .. kept, "-delete"], cancellationToken)).OrThrow(
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
