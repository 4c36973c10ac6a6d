using LinuxP2V.Agent.Platform;

namespace LinuxP2V.Agent.Copy.Files;

/// <summary>
/// Reads the map of a sparse member in GNU's format 1.0: before the data stand, in decimal with a newline behind each, the
/// number of pieces, then offset and length of each one, padded to a whole block.
/// </summary>
internal sealed class SparseMapReader(Stream from, byte[] block)
{
    /// <summary>Of data in a piece: below it a dd for each piece costs more than a tar for all of them.</summary>
    private const long LeastPieceBytes = 256 << 10;

    private int at = block.Length;

    /// <param name="size">The file's.</param>
    /// <param name="dataBytes">What stands in the archive.</param>
    /// <returns>null: too scattered to be read by pieces.</returns>
    /// <exception cref="EndOfStreamException">The stream ended within the map.</exception>
    /// <exception cref="InvalidDataException">It is no map.</exception>
    public async Task<FileMap?> ReadAsync(long size, long dataBytes, CancellationToken cancellationToken)
    {
        var count = await ReadNumberAsync(cancellationToken);
        // One may be empty: it tells the file's end.
        if (count - 1 > dataBytes / LeastPieceBytes)
            return null;

        var pieces = new ByteRange[count];
        for (var i = 0; i < count; i++)
            pieces[i] = new ByteRange(await ReadNumberAsync(cancellationToken), await ReadNumberAsync(cancellationToken));

        return FileMap.FromPieces(size, pieces);
    }

    private async ValueTask<long> ReadNumberAsync(CancellationToken cancellationToken)
    {
        var number = 0L;
        for (var digits = 0; ; digits++)
        {
            if (at == block.Length)
            {
                await from.ReadExactlyAsync(block, cancellationToken);
                at = 0;
            }

            var value = block[at++];
            if (value == '\n' && digits > 0)
                return number;

            // 18 digits are below the largest number that there is.
            if (value is < (byte)'0' or > (byte)'9' || digits == 18)
                throw new InvalidDataException("What tar on the source sends before a sparse file's data is no map.");

            number = (number * 10) + (value - '0');
        }
    }
}
