using System.IO.Compression;
using LinuxP2V.Agent.Reconfigure.Tree;
using LinuxP2V.Guest.Images;
using LinuxP2V.Guest.Initramfs;

namespace LinuxP2V.Agent.Reconfigure.Initramfs;

/// <summary>Opens initramfs images of the copy, whatever tool built them.</summary>
internal sealed class ImageReader(ReconfigureContext context)
{
    /// <param name="paths">Images that are loaded together, as the copy sees them.</param>
    /// <returns>Null where one is missing, damaged, or compressed in a way that nothing here can unpack.</returns>
    public async Task<ImageContent?> ReadAsync(IReadOnlyList<string> paths, CancellationToken cancellationToken)
    {
        var files = new List<InitramfsFiles>();
        foreach (var path in paths)
        {
            if (await OpenAsync(path, null, cancellationToken) is not { } content)
                return null;

            files.Add(content);
        }

        return new ImageContent([.. files]);
    }

    /// <summary>The initramfs inside a unified kernel image.</summary>
    /// <returns>Null where it cannot be read.</returns>
    public async Task<ImageContent?> ReadAsync(string path, FilePart part, CancellationToken cancellationToken) =>
        await OpenAsync(path, part, cancellationToken) is { } files ? new ImageContent(files) : null;

    private async Task<InitramfsFiles?> OpenAsync(string path, FilePart? part, CancellationToken cancellationToken)
    {
        if (!context.Files.Tree.FileExists(path))
            return null;

        await using var file = File.OpenRead(context.Files.Host(path));
        await using Stream image = part is null ? file : new PartStream(file, part);
        try
        {
            // What unpacks runs beside it, so that reading waits for it and must not block the caller.
            return await Task.Run(
                () => InitramfsFile.Read(image, (kind, packed) => Unpack(kind, packed, cancellationToken), ImageContent.IsSetting),
                cancellationToken
            );
        }
        catch (InvalidDataException exception)
        {
            context.Note($"{path} cannot be read as an initramfs. {exception.Message}");
            return null;
        }
    }

    private Stream? Unpack(PackedKind kind, Stream packed, CancellationToken cancellationToken)
    {
        if (kind == PackedKind.Gzip)
            return new GZipStream(packed, CompressionMode.Decompress);

        var program = kind switch
        {
            PackedKind.Zstd => "zstd",
            PackedKind.Lz4 => "lz4",
            PackedKind.Lzo => "lzop",
            PackedKind.Bzip2 => "bzip2",
            _ => "xz",
        };
        string[] arguments = ["-dc"];
        // The copy has built its images with its own; the helper has some for those that it has not built itself.
        if (context.Files.Tree.Program(program) is not null)
        {
            var (starter, line) = context.Chroot.LineOf(program, arguments);
            return UnpackingStream.Start(starter, line, packed, cancellationToken);
        }

        return UnpackingStream.IsThere(program) ? UnpackingStream.Start(program, arguments, packed, cancellationToken) : null;
    }
}
