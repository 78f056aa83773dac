/* MPI_Allreduce of float32 in C, the yardstick of all-reduce.mjs: prints "bytes seconds", the best of many, by rank 0. */
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv) {
  MPI_Init(&argc, &argv);
  int rank;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  for (int i = 1; i < argc; i++) {
    const long bytes = atol(argv[i]), count = bytes / 4;
    float *in = malloc(bytes), *out = malloc(bytes);
    for (long k = 0; k < count; k++) in[k] = (float)(rank + k % 7);
    const int inner = bytes < 65536 ? 50 : bytes < 1048576 ? 10 : 1;
    double best = 1e9;
    const double start = MPI_Wtime();
    int more = 1;
    while (more) {
      MPI_Barrier(MPI_COMM_WORLD);
      const double t = MPI_Wtime();
      for (int r = 0; r < inner; r++) MPI_Allreduce(in, out, count, MPI_FLOAT, MPI_SUM, MPI_COMM_WORLD);
      const double one = (MPI_Wtime() - t) / inner;
      if (one < best) best = one;
      more = MPI_Wtime() - start < 1.0;
      MPI_Bcast(&more, 1, MPI_INT, 0, MPI_COMM_WORLD);
    }
    if (rank == 0) printf("%ld %.9f\n", bytes, best);
    free(in);
    free(out);
  }
  MPI_Finalize();
  return 0;
}
